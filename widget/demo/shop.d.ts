import "./shop.css";
