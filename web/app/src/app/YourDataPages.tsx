/** The page "Your data": a file of its own, which is loaded when a learner opens it. */
import { YourDataPage } from "../features/your-data/YourDataPage";

export default YourDataPage;
